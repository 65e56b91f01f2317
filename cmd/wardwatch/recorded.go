package main

import (
	"path/filepath"

	"wardwatch/devices/recording"
	"wardwatch/scoring/chart"
	"wardwatch/ward"
)

// recordedFlags say what recorded data to read, and how.
type recordedFlags struct {
	Data     string `required:"" help:"The recorded set; .gz is read as it is." type:"existingfile" placeholder:"FILE"`
	Layout   string `help:"long, mimic3-demo, cinc2019, cinc2012 or eicu-demo; recognised from the header when not given."`
	Outcomes string `help:"CSV with what became of the patients: patient,event[,time][,age][,sex]. The one beside a known set is found by itself." type:"existingfile" placeholder:"FILE"`

	Column map[string]string `help:"The file's own name of a column of the long layout, for example patient=id." placeholder:"OURS=THEIRS"`
	Vital  map[string]string `help:"Our name for one of the file's vitals, for example Pulse=hr." placeholder:"THEIRS=OURS"`
	SaO2   bool              `name:"sao2" help:"Take the saturation of blood samples for SpO2."`
}

// recordedSet is the data and what became of its patients.
type recordedSet struct {
	rec      *recording.Recording
	outcomes *recording.Outcomes // nil: nothing beside the rows
	days     map[ward.BedID]chart.Set
}

// open opens the set, with options of the caller's beside the flags.
func (c *recordedFlags) open(o recording.Options) (*recordedSet, error) {
	o.Layout, o.Columns, o.Vitals, o.Zone, o.ArterialSaturation = c.Layout, c.Column, c.Vital, hospitalZone(), c.SaO2
	rec, err := recording.Open(c.Data, o)
	if err != nil {
		return nil, err
	}
	s := &recordedSet{rec: rec, days: map[ward.BedID]chart.Set{}}
	file := c.Outcomes
	if file == "" {
		file = recording.Companion(c.Data)
	}
	if file == "" {
		return s, nil
	}
	if s.outcomes, err = recording.OpenOutcomes(file, rec.Layout(), o); err != nil {
		return nil, err
	}
	for d := range s.outcomes.DayOne() {
		var set chart.Set
		for name, x := range d.Inputs {
			if in, ok := chart.InputNamed(name); ok {
				set.Put(in, x)
			}
		}
		s.days[d.Patient] = set
	}
	return s, nil
}

func (s *recordedSet) skipped() map[string]int64 {
	out := map[string]int64{}
	for reason, n := range s.rec.Counts().Skipped {
		out[string(reason)] += n
	}
	if s.outcomes != nil {
		for reason, n := range s.outcomes.Skipped() {
			out["outcomes: "+string(reason)] += n
		}
	}
	return out
}

// setName names a set by its file and the folder it lies in.
func setName(file string) string {
	if full, err := filepath.Abs(file); err == nil {
		file = full
	}
	return filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file))
}
