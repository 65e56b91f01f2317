package record

import (
	"encoding/binary"

	"wardwatch/ward"
)

// silent is the flag of a risk that treating staff did not see.
const silent = 1

// AppendRisks writes what history needs of a's risks: where, whose, when, under which policy, and of
// each what it came to, by which model, and whether it was shown. Reasons, inputs, trends and
// forecasts are of the moment and are not kept.
func AppendRisks(dst []byte, a *ward.Assessment) []byte {
	dst = append(dst, version)
	dst = appendString(dst, string(a.Place.Ward))
	dst = appendString(dst, string(a.Place.Bed))
	dst = appendString(dst, string(a.Stay))
	dst = appendTime(dst, a.At, epoch, 0)
	dst = appendString(dst, a.Policy)
	dst = binary.AppendUvarint(dst, uint64(len(a.Risks)))
	for i := range a.Risks {
		dst = appendRisk(dst, &a.Risks[i])
	}
	return dst
}

func appendRisk(dst []byte, r *ward.Risk) []byte {
	var flags byte
	if r.Silent {
		flags |= silent
	}
	dst = append(dst, flags)
	for _, name := range [...]string{string(r.Task), r.Model, r.Version, string(r.Withheld)} {
		dst = appendString(dst, name)
	}
	dst = appendNumber(dst, r.Value)
	return appendNumber(dst, r.Threshold)
}

// Risks decodes what AppendRisks wrote. The result is the decoder's and holds until its next call;
// its strings and slices may be kept. Times are in UTC.
func (d *Decoder) Risks(payload []byte) (*ward.Assessment, error) {
	in := input{b: payload}
	a := &d.risks
	*a = ward.Assessment{}
	if in.byte() != version {
		return nil, ErrPayload
	}
	a.Place.Ward = ward.WardID(d.names.of(in.bytes()))
	a.Place.Bed = ward.BedID(d.names.of(in.bytes()))
	a.Stay = ward.StayID(d.names.of(in.bytes()))
	a.At = in.time(epoch, 0)
	a.Policy = d.names.of(in.bytes())
	for range in.count() {
		r := d.risk(&in)
		if in.bad {
			break
		}
		a.Risks = append(a.Risks, r)
	}
	if in.bad || len(in.b) != 0 {
		return nil, ErrPayload
	}
	return a, nil
}

func (d *Decoder) risk(in *input) ward.Risk {
	r := ward.Risk{Silent: in.byte()&silent != 0, Task: ward.Task(d.names.of(in.bytes()))}
	r.Model, r.Version = d.names.of(in.bytes()), d.names.of(in.bytes())
	r.Withheld = ward.Withheld(d.names.of(in.bytes()))
	r.Value, r.Threshold = in.number(), in.number()
	return r
}
