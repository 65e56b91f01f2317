package imaging

import (
	"context"
	"io"

	"wardwatch/ward"
)

// Store keeps deliveries and what they say. Each method that changes anything is one transaction.
type Store interface {
	// Waiting lists deliveries that wait to be read, the oldest first.
	Waiting(ctx context.Context, limit int) ([]ward.Delivery, error)
	// Candidates finds the stays that a result may belong to.
	Candidates(ctx context.Context, of ward.Claim, studyUID string) (ward.Candidates, error)
	// Report keeps all that one delivery says and marks the delivery read, together or not at all. The
	// same again changes nothing. It names the stays whose findings are others now.
	Report(ctx context.Context, delivery string, reports []ward.PlacedReport) (changed []ward.StayID, err error)
	// RefuseDelivery says why a waiting delivery cannot be read.
	RefuseDelivery(ctx context.Context, id, code, detail string) error
	// Recheck puts back into the worklist what the rule placed and does not fit its stay any more.
	Recheck(ctx context.Context) (changed []ward.StayID, err error)
	// Unplaced lists what waits in the worklist and may be placed by the rule: nothing that a person took
	// off somebody.
	Unplaced(ctx context.Context) ([]ward.WorklistItem, error)
	// Place gives what waits in the worklist to a stay, by the rule. What waits no more stays as it is.
	Place(ctx context.Context, item string, stay ward.StayID) (changed []ward.StayID, err error)
}

// Objects holds the bytes of deliveries.
type Objects interface {
	// Open reads what was kept under the name; what is kept no more is ward.NotFound.
	Open(name string) (io.ReadCloser, error)
	// Path is the file of that name, for a reader in another process.
	Path(name string) (string, error)
}
