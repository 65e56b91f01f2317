package main

import (
	"errors"
	"fmt"

	"wardwatch/ward"
)

// hinted adds an error's remedy to what is printed.
func hinted(err error) error {
	var e *ward.Error
	if errors.As(err, &e) && e.Hint != "" {
		return fmt.Errorf("%w (%s)", err, e.Hint)
	}
	return err
}
