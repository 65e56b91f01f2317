package dashboard

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// The page of one's own alerts, and where people sign in.
const (
	phonePath  = "/phone"
	signInPath = "/signin"
)

// openLink follows the address in a notice: it says which alert to show, and is no key to it. Who opens
// it must be signed in as the person it was made for.
func openLink(q *call) error {
	token := q.c.Params("token")
	if q.s.o.OpenLink == nil {
		return q.notice(fiber.StatusNotFound, linkUnknown, "/")
	}
	p, a, err := q.s.o.OpenLink(token, q.s.o.Now())
	switch known := (*ward.Error)(nil); {
	case err == nil:
	case errors.As(err, &known) && known.Code == ward.Unavailable:
		return q.notice(fiber.StatusGone, linkExpired, phonePath)
	case errors.As(err, &known) && known.Code == ward.NotFound:
		return q.notice(fiber.StatusNotFound, linkUnknown, phonePath)
	default:
		return err
	}
	if err := q.identify(); errors.Is(err, signin.ErrNobody) {
		// Nothing here says for whom the link was made.
		return q.c.Redirect(signInPath+"?next="+url.QueryEscape("/a/"+token), fiber.StatusFound)
	} else if err != nil {
		return err
	}
	if q.who.Person.ID != p {
		q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "link.refused", Object: "alert:" + string(a)})
		return q.notice(fiber.StatusForbidden, linkOther, phonePath)
	}
	return q.c.Redirect(phonePath+"/alert/"+url.PathEscape(string(a)), fiber.StatusFound)
}

// said is a sentence in both languages: who follows a link may not be signed in.
type said struct{ vi, en string }

var (
	linkExpired = said{"Liên kết này đã hết hạn. Các cảnh báo của bạn ở trang điện thoại.", "This link has expired. Your alerts are on the phone page."}
	linkOther   = said{"Liên kết này dành cho người khác. Cảnh báo của bạn ở trang điện thoại.", "This link was made for somebody else. Your alerts are on the phone page."}
	linkUnknown = said{"Liên kết này không đúng. Hãy mở lại từ tin nhắn.", "This link is not one of ours. Open it from the message again."}
	onwards     = said{"Mở trang", "Go on"}
)

// notice is a page that says one thing and leads on. It needs no script: it may be the first that a
// telephone sees.
func (q *call) notice(status int, what said, onTo string) error {
	refresh := ""
	if status == fiber.StatusGone {
		refresh = `<meta http-equiv="refresh" content="5;url=` + onTo + `">`
	}
	html := `<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` + refresh +
		`<title>Wardwatch</title></head><body><main><p>` + what.vi + `</p><p lang="en">` + what.en + `</p><p><a href="` + onTo + `">` + onwards.vi + ` · <span lang="en">` + onwards.en + `</span></a></p></main></body></html>`
	q.c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return q.c.Status(status).SendString(html)
}

// frontFile answers with one file of the front end. A service worker kept by a browser would outlive a
// mended one: it is asked for anew each time (and may serve every page, which the header allows).
func frontFile(q *call) error {
	if strings.HasSuffix(q.c.Path(), ".js") {
		q.c.Set("Service-Worker-Allowed", "/")
	}
	if ok, err := q.s.files.File(q.c); ok {
		return err
	}
	return &refusal{fiber.StatusNotFound, "no_front_end", "this build carries no such file of the front end", "build dashboard/web"}
}
