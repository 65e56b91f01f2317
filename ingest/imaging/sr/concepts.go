package sr

import (
	"slices"

	"wardwatch/ingest/imaging/report"
)

// concept is one idea by all its code values: a code value is unique among the schemes that name such
// ideas (DCM, SCT, the SNOMED RT ids of older files, UMLS, LN), so the scheme is not compared.
type concept []string

func (c concept) names(code report.Code) bool { return slices.Contains(c, code.Value) }

// Concepts of TID 1500 Measurement Report and of the templates it includes (PS3.16).
var (
	imageLibrary     = concept{"111028"}
	measurementGroup = concept{"125007"}
	qualitative      = concept{"C0034375", "C00034375"} // the second is a misprint that is in use

	observerType        = concept{"121005"} // TID 1002
	observerPerson      = concept{"121006"}
	observerDevice      = concept{"121007"}
	personObserverName  = concept{"121008"} // TID 1003
	deviceObserverName  = concept{"121013"} // TID 1004
	deviceObserverModel = concept{"121015"}
	deviceObserverUID   = concept{"121012"}

	algorithmName    = concept{"111001"} // TID 4019
	algorithmVersion = concept{"111003"}

	procedureReported = concept{"121058"}
	targetRegion      = concept{"123014"}
	libraryModality   = concept{"121139"} // TID 1602
	libraryDate       = concept{"126201"} // acquisition
	libraryTime       = concept{"126202"}
	libraryStudyDate  = concept{"111060"}
	libraryStudyTime  = concept{"111061"}

	findingSite = concept{"363698007", "G-C0E3"}
	laterality  = concept{"272741003", "G-C171"}

	// finding is a name under which the value, and not the name, says what was found.
	finding = concept{
		"121071",    // Finding
		"111059",    // Single Image Finding
		"111017",    // CAD Processing and Findings Summary
		"121073",    // Impression
		"121077",    // Conclusion
		"404684003", // Clinical finding
		"439401001", // Diagnosis
	}
)

// modalities by the storage class of the pictures that were read (PS3.4 B.5).
var modalities = map[string]string{
	"1.2.840.10008.5.1.4.1.1.1":     "CR",
	"1.2.840.10008.5.1.4.1.1.1.1":   "DX",
	"1.2.840.10008.5.1.4.1.1.1.1.1": "DX",
	"1.2.840.10008.5.1.4.1.1.2":     "CT",
	"1.2.840.10008.5.1.4.1.1.2.1":   "CT",
	"1.2.840.10008.5.1.4.1.1.2.2":   "CT",
	"1.2.840.10008.5.1.4.1.1.4":     "MR",
	"1.2.840.10008.5.1.4.1.1.4.1":   "MR",
	"1.2.840.10008.5.1.4.1.1.6.1":   "US",
}
