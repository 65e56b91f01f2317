// Package chart holds the published early-warning charts as data: one reviewed YAML file each, with
// the source and clause of every row, checked when it is loaded. A chart is immutable once loaded
// and its Score is pure: the same set gives the same result, live, in replay and in backtest.
//
// Unknown is never 0: an input that is not known gives no points and leaves the result incomplete,
// a lower bound. Below every trigger the band of an incomplete set is ward.Unknown, never low.
//
// # A chart file
//
// A file under charts/ is the best example; news2.yaml has nearly everything. A clinician compares it
// with the print and signs it, so bands stand as they are printed:
//
//	≤8   <10   9–11   30–<50   >235–315   ≥25   >38.0   15
//
// and for coded inputs the words themselves ("C V P U: 3"). Bands go up, meet each other, and cover
// everything. An input with round_to is rounded half up to that step before it is compared; without it
// the limits hold for the number as it was measured.
//
//	id, version, name {en, vi}, source
//	population   from_months, to_months (not included), pregnancy: refused or allowed
//	inputs       each with its unit, which must be ours, and round_to
//	variants     forms of the chart, each by spo2_scale (1, 2) or by age_months
//	points       what a part may give; then
//	parts          each a list of rows: reads, source, bands; a row may hold in some variants only, when
//	               a coded input has a value, or be one that only_adds
//	value        or a figure worked out (rox, sf, si …); then
//	verdicts       tables of levels; the first whose conditions hold is used
//	levels       from the mildest to the worst: id, band, what reaches it (total, or single: a part
//	             alone at these points), monitor (how soon the next set is due), response {en, vi}
//	raises       what lifts the level by itself; required: the set is incomplete without it
//	notes        what must be said beside the result, and when
//
// Rows of one part that read different things are ways to know it: the worst that is known counts.
// A way that only_adds never settles the part by being normal. Points written "≥1" are a floor: at
// least that many, and the part stays open.
//
// # A site's own charts
//
// A Package is a folder of such files, signed by the person who answers for them. Its charts are
// added to ours or replace them; see OpenPackage.
package chart
