package sms

import (
	"net/http"
	"slices"
)

// Vendors are the names of the templates that come with Wardwatch.
func Vendors() []string {
	return []string{"json", "kannel", "gammu-gateway", "esms", "speedsms"}
}

// Vendor is a template that comes with Wardwatch, read from what the gateway's makers publish. Where
// it has no URL the gateway is the hospital's own, and its address is given.
func Vendor(name string) (Template, bool) {
	if !slices.Contains(Vendors(), name) {
		return Template{}, false
	}
	switch name {
	case "kannel":
		return kannel(), true
	case "gammu-gateway":
		return gammuGateway(), true
	case "esms":
		return esms(), true
	case "speedsms":
		return speedSMS(), true
	}
	return plainJSON(), true
}

// plainJSON is for a gateway of the hospital's own making.
func plainJSON() Template {
	return Template{
		Headers: map[string]string{"Idempotency-Key": "{notice}"},
		JSON:    map[string]any{"to": "{to}", "text": "{text}", "from": "{from}", "notice": "{notice}"},
	}
}

// kannel is the sendsms interface of Kannel (user guide 1.4, "Using the SMS gateway"), which drives modems
// too. 0 was taken; 3 waits there until the line to the network is back, which may be too late to
// count, and another try would only queue it twice: the ladder moves on.
func kannel() Template {
	return Template{
		Method: http.MethodGet,
		Query: map[string]string{
			"username": "{secret.username}", "password": "{secret.password}",
			"to": "{to}", "from": "{from}", "text": "{text}", "coding": "{coding}", "charset": "UTF-8",
		},
		Taken: Rule{Match: `^0: `},
	}
}

// gammuGateway is the REST gateway over Gammu for USB modems (sms-gammu-gateway, README).
func gammuGateway() Template {
	return Template{
		User: "{secret.username}", Pass: "{secret.password}",
		JSON: map[string]any{"number": "{to}", "text": "{text}"},
	}
}

// esms is eSMS (ViHAT, Vietnam), "Send OTP/Customer care message" and its table of error codes: 100
// was taken, 124 is a repeat of a request that was, 108 is a number in no correct form. The words must
// be registered with them as a template beforehand (146).
func esms() Template {
	return Template{
		URL: "https://rest.esms.vn/MainService.svc/json/SendMultipleMessage_V4_post_json/",
		JSON: map[string]any{
			"ApiKey": "{secret.api_key}", "SecretKey": "{secret.secret_key}", "Brandname": "{from}", "SmsType": "2",
			"Phone": "{to_digits}", "Content": "{text}", "IsUnicode": "{unicode}", "RequestId": "{notice}",
		},
		Taken: Rule{JSON: map[string]string{"CodeResult": "100|124"}},
		Dead:  Rule{JSON: map[string]string{"CodeResult": "108"}},
	}
}

// speedSMS is SpeedSMS (Vietnam), "SMS API": the access token is the user of basic authentication, 3 is
// a message under a brand name, 105 is an invalid number, 500 asks to try again.
func speedSMS() Template {
	return Template{
		URL:  "https://api.speedsms.vn/index.php/sms/send",
		User: "{secret.access_token}", Pass: "x",
		JSON: map[string]any{
			"to": []any{"{to_digits}"}, "content": "{text}", "sms_type": 3, "sender": "{from}",
		},
		Taken: Rule{JSON: map[string]string{"status": "success"}},
		Dead:  Rule{JSON: map[string]string{"status": "error", "code": "105"}},
		Again: Rule{JSON: map[string]string{"status": "error", "code": "500"}},
	}
}
