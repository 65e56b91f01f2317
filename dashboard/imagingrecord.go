package dashboard

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// ImagingStateReply is how the imaging sources and models are.
type ImagingStateReply struct {
	Sources   []ImagingSourceView `json:"sources"`
	Waiting   int                 `json:"waiting"` // deliveries that are not read yet
	Oldest    *int64              `json:"oldest"`  // of them
	Refused   []RefusedView       `json:"refused"` // of the last day
	Problems  []ModelProblem      `json:"problems"`
	Unmatched int                 `json:"unmatched"` // results that the person who asks may say the owner of
}

// ImagingSourceView is one imaging source.
type ImagingSourceView struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Heard *int64 `json:"heard"`
	Fault string `json:"fault"` // what keeps it from being heard, with the remedy; empty: nothing known
}

// RefusedView is how many things were refused for one reason.
type RefusedView struct {
	Source  string `json:"source"` // of a delivery that could not be read; empty: a model's
	Model   string `json:"model"`  // that would not look at a picture; empty: a delivery's
	Version string `json:"version"`
	Code    string `json:"code"`
	N       int    `json:"n"`
}

// ImagingQualityReply is how imaging AI does here, as far as can be told yet. A null number cannot.
type ImagingQualityReply struct {
	Ward       string             `json:"ward"` // empty: every ward
	From       *int64             `json:"from"`
	To         *int64             `json:"to"`
	By         string             `json:"by"` // what group names
	Agreement  []AgreementView    `json:"agreement"`
	Turnaround []TurnaroundView   `json:"turnaround"`
	Refused    []RefusedView      `json:"refused"`
	Drift      []ImagingDriftView `json:"drift"`
}

// AgreementView is how far an AI and the radiologists' reads agree on one kind of finding. A clinician's
// word at the bedside is asked for only where the AI saw something: it counts for the PPV alone.
type AgreementView struct {
	Group       string   `json:"group"`
	Model       string   `json:"model"`
	System      string   `json:"system"`
	Code        string   `json:"code"`
	Label       string   `json:"label"`
	Findings    int      `json:"findings"` // what the AI said, read by a radiologist or not
	N           int      `json:"n"`        // studies that both spoke of
	TP          int      `json:"tp"`
	FP          int      `json:"fp"`
	FN          int      `json:"fn"`
	TN          int      `json:"tn"`
	Sensitivity Interval `json:"sensitivity"`
	Specificity Interval `json:"specificity"`
	Kappa       Interval `json:"kappa"`
	Confirmed   int      `json:"confirmed"` // by clinicians, of what the AI saw
	Rejected    int      `json:"rejected"`
	PPV         Interval `json:"ppv"` // of what the AI saw and anybody has judged
}

// TurnaroundView is how long it takes, in seconds: half of the studies, and nine of ten, are no slower.
type TurnaroundView struct {
	Group     string   `json:"group"`
	N         int      `json:"n"`          // studies
	ResultP50 *float64 `json:"result_p50"` // from the picture to the result
	ResultP90 *float64 `json:"result_p90"`
	SeenP50   *float64 `json:"seen_p50"` // from the result to the first look
	SeenP90   *float64 `json:"seen_p90"`
	Unseen    int      `json:"unseen"` // nobody has looked yet
}

// ImagingDriftView is one check of a model's inputs or outputs against those it was trained on.
type ImagingDriftView struct {
	Model   string `json:"model"`
	Version string `json:"version"`
	CheckView
}

// imagingGroups are what a record's rows may be told apart by.
var imagingGroups = []string{"model", "version", "device", "age", "sex"}

// imagingQueries are the query parameters of a record.
var imagingQueries = []string{"ward", "from", "to", "by"}

// noImagingState is the state of a server that takes no imaging results.
var noImagingState = ImagingStateReply{Sources: []ImagingSourceView{}, Refused: []RefusedView{}, Problems: []ModelProblem{}}

// Bounds of an imaging record's span.
const (
	recordDefault = 90 * 24 * time.Hour
	recordLongest = 731 * 24 * time.Hour
)

func imagingState(q *call) error {
	r, err := q.s.o.Imaging.State(q.ctx)
	if err != nil {
		return err
	}
	items, err := q.waitingItems()
	if err != nil {
		return err
	}
	r.Unmatched = len(items)
	r.Sources, r.Refused, r.Problems = orEmpty(r.Sources), orEmpty(r.Refused), orEmpty(r.Problems)
	return q.c.JSON(r)
}

// orEmpty is a list as JSON wants it: never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// imagingQuery is what the address asks of the record.
func (q *call) imagingQuery() (out ImagingQuery, err error) {
	out.By = q.c.Query("by", imagingGroups[0])
	if !slices.Contains(imagingGroups, out.By) {
		return out, badInput("by is not one of what rows can be told apart by", "give one of "+strings.Join(imagingGroups, ", "))
	}
	if out.Ward, err = q.queryWard(); err != nil {
		return out, err
	}
	if out.To, err = q.queryTime("to", q.s.o.Now()); err != nil {
		return out, err
	}
	if out.From, err = q.queryTime("from", out.To.Add(-recordDefault)); err != nil {
		return out, err
	}
	if out.To.Before(out.From) || out.To.Sub(out.From) > recordLongest {
		return out, badInput("the span is turned round or longer than two years", "ask for a shorter one, from before to")
	}
	return out, nil
}

// queryWard is the ward of ?ward=; empty is every ward, for those who may enter every one.
func (q *call) queryWard() (ward.WardID, error) {
	w := q.c.Query("ward")
	switch {
	case w == "" && len(q.who.Person.Wards) > 0:
		return "", forbidden("you work on some wards, and this asks for all of them", "add ?ward= to the address")
	case w == "":
		return "", nil
	case !ward.ValidID(w):
		return "", badInput("the ward is not an identifier", "GET /api/v1/wards lists them")
	}
	return ward.WardID(w), q.mayEnter(ward.WardID(w))
}

func (q *call) imagingRecord() (ImagingQualityReply, error) {
	ask, err := q.imagingQuery()
	if err != nil {
		return ImagingQualityReply{}, err
	}
	r, err := q.s.o.Imaging.Quality(q.ctx, ask)
	if err != nil {
		return r, err
	}
	r.Ward, r.From, r.To, r.By = string(ask.Ward), live.Ms(ask.From), live.Ms(ask.To), ask.By
	r.Agreement, r.Turnaround, r.Refused, r.Drift = orEmpty(r.Agreement), orEmpty(r.Turnaround), orEmpty(r.Refused), orEmpty(r.Drift)
	return r, nil
}

func imagingQuality(q *call) error {
	r, err := q.imagingRecord()
	if err != nil {
		return err
	}
	return q.c.JSON(r)
}

// agreementHead and turnaroundHead are the columns of the record after that of the group.
var (
	agreementHead = []string{"ai", "system", "code", "label", "findings", "n", "tp", "fp", "fn", "tn",
		"sensitivity", "sensitivity_low", "sensitivity_high", "specificity", "specificity_low", "specificity_high", "kappa", "kappa_low", "kappa_high",
		"confirmed", "rejected", "ppv", "ppv_low", "ppv_high"}
	turnaroundHead = []string{"studies", "result_p50_s", "result_p90_s", "seen_p50_s", "seen_p90_s", "unseen"}
)

// imagingQualityCSV is the agreement with its intervals, and beside the first row of each group its turnaround:
// once, so that nobody sums it twice.
func imagingQualityCSV(q *call) error {
	r, err := q.imagingRecord()
	if err != nil {
		return err
	}
	rows := [][]string{slices.Concat([]string{r.By}, agreementHead, turnaroundHead)}
	left := slices.Clone(r.Turnaround)
	for _, a := range r.Agreement {
		times := make([]string, len(turnaroundHead))
		if i := slices.IndexFunc(left, func(t TurnaroundView) bool { return t.Group == a.Group }); i >= 0 {
			times = left[i].cells()
			left = slices.Delete(left, i, i+1)
		}
		rows = append(rows, slices.Concat([]string{cell(a.Group)}, a.cells(), times))
	}
	for _, t := range left {
		rows = append(rows, slices.Concat([]string{cell(t.Group)}, make([]string, len(agreementHead)), t.cells()))
	}
	return q.csv(rows, "imaging-quality.csv", "imaging.quality")
}

func (a *AgreementView) cells() []string {
	row := []string{cell(a.Model), cell(a.System), cell(a.Code), cell(a.Label)}
	for _, n := range []int{a.Findings, a.N, a.TP, a.FP, a.FN, a.TN} {
		row = append(row, strconv.Itoa(n))
	}
	row = append(row, a.Sensitivity.cells()...)
	row = append(row, a.Specificity.cells()...)
	row = append(row, a.Kappa.cells()...)
	row = append(row, strconv.Itoa(a.Confirmed), strconv.Itoa(a.Rejected))
	return append(row, a.PPV.cells()...)
}

func (i Interval) cells() []string { return []string{number(i.Value), number(i.Low), number(i.High)} }

func (t *TurnaroundView) cells() []string {
	return []string{strconv.Itoa(t.N), number(t.ResultP50), number(t.ResultP90), number(t.SeenP50), number(t.SeenP90), strconv.Itoa(t.Unseen)}
}

// imagingErrorsCSV is what AI and radiologist disagree on, without who it is.
func imagingErrorsCSV(q *call) error {
	ask, err := q.imagingQuery()
	if err != nil {
		return err
	}
	list, err := q.s.o.Imaging.Disagreements(q.ctx, ask)
	if err != nil {
		return err
	}
	rows := [][]string{{"finding", "person", "age", "sex", "taken", "modality", "region", "view", "device", "source", "model", "version", "demonstration",
		"system", "code", "label", "laterality", "score", "threshold", "calibrated", "ai", "radiologist"}}
	for _, d := range list {
		age := ""
		if d.AgeYears >= 0 {
			age = strconv.Itoa(d.AgeYears)
		}
		rows = append(rows, []string{d.ID, cell(d.Person), age, string(d.Sex), dateOf(d.Acquired), cell(d.Modality), cell(d.Region), cell(d.View), cell(d.Device),
			cell(d.Source), cell(d.Model), cell(d.ModelVersion), strconv.FormatBool(d.Demonstration), cell(d.CodeSystem), cell(d.Code), cell(d.Label), d.Laterality,
			number(shownScore(d.Score)), number(live.Given(d.Threshold)), strconv.FormatBool(d.Calibrated), strconv.FormatBool(d.There), strconv.FormatBool(d.ReadThere)})
	}
	return q.csv(rows, "imaging-errors.csv", "imaging.errors")
}

// csv answers with rows as a file, and keeps who took it.
func (q *call) csv(rows [][]string, name, deed string) error {
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return err
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: deed})
	q.c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	q.c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return q.c.Send(out.Bytes())
}

// number is empty for one that cannot be told.
func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
