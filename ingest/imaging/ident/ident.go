// Package ident makes the ids of what comes from imaging. They are made of what identifies the thing, so
// that the same thing sent again has the same id.
package ident

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"wardwatch/ward"
)

// Of is the id of the parts.
func Of(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Delivery is the id of some content that a source sent; sha256 is its hash in hex.
func Delivery(source string, kind ward.DeliveryKind, sha256 string) string {
	return Of(source, string(kind), sha256)
}

// Finding is the id of a finding: who says it, of which picture, and what.
func Finding(f *ward.Finding) string {
	speaker := f.Model
	if f.ByPerson {
		speaker = "a person" + "\x00" + f.Model
	}
	return Of(f.Source, speaker, f.ModelVersion, picture(f), f.CodeSystem, f.Code, f.Laterality)
}

// picture is the closest that is known of what was looked at.
func picture(f *ward.Finding) string {
	for _, uid := range []string{f.InstanceUID, f.SeriesUID, f.StudyUID} {
		if uid != "" {
			return uid
		}
	}
	return "accession:" + f.Accession
}
