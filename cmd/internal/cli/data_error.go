package cli

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
)

// A DataError is an error that is told as one JSON object on standard error, because
// the command line asked for data.
type DataError struct {
	Err error
}

func (e *DataError) Error() string { return e.Err.Error() }
func (e *DataError) Unwrap() error { return e.Err }

// A Positioned error knows its place in a file: an absolute path, and a line from 1
// on or 0 if no line is to blame.
type Positioned interface {
	error
	Position() (file string, line int)
}

// An errorObject is what docs/json.md promises.
type errorObject struct {
	Kind    string  `json:"kind"`
	Message string  `json:"message"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
	Status  int     `json:"exit_status"`
}

func (e *DataError) write(w io.Writer) error {
	o := errorObject{Kind: kindOf(e.Err), Message: e.Err.Error(), Status: Status(e.Err)}
	var at Positioned
	var path *fs.PathError
	switch {
	case errors.As(e.Err, &at):
		file, line := at.Position()
		if file != "" {
			o.File = &file
		}
		if line > 0 {
			o.Line = &line
		}
	case errors.As(e.Err, &path):
		o.File = &path.Path
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]errorObject{"error": o})
}

// kindOf sorts an error: usage, refused, signal, not_found, permission, parse or failure.
func kindOf(err error) string {
	var (
		usage   *UsageError
		refused *RefusedError
		signal  *SignalError
		at      Positioned
	)
	switch {
	case errors.As(err, &usage):
		return "usage"
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &signal):
		return "signal"
	case errors.Is(err, fs.ErrNotExist):
		return "not_found"
	case errors.Is(err, fs.ErrPermission):
		return "permission"
	case errors.As(err, &at):
		return "parse"
	default:
		return "failure"
	}
}
