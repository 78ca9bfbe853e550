package binpkg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A DigestError says that a package file is not what the index says of it.
type DigestError struct {
	Path      string
	What      string // "size", "MD5" or "SHA1"
	Got, Want string
}

// Error names the file and what differs.
func (e *DigestError) Error() string {
	return fmt.Sprintf("%s: its %s is %s, where the index has %s", e.Path, e.What, e.Got, e.Want)
}

// A Checked is what a package file was found to be.
type Checked struct {
	Names []string // what was compared, as Portage lists it: MD5, SHA1, size; empty if the index has no SIZE
	MD5   string
}

// Check compares a package file with its stanza of an index. A file that is something
// else is a *DigestError.
func Check(file string, s *Stanza) (*Checked, error) {
	c := &Checked{}
	size := strings.TrimSpace(s.Get("SIZE"))
	sums, st, err := digest(file)
	if err != nil {
		return nil, err
	}
	c.MD5 = sums[0]
	if size == "" {
		return c, nil
	}
	for _, part := range []struct{ name, got, want string }{
		{"size", strconv.FormatInt(st.Size(), 10), size},
		{"MD5", sums[0], strings.ToLower(s.Get("MD5"))}, {"SHA1", sums[1], strings.ToLower(s.Get("SHA1"))},
	} {
		if part.want == "" {
			continue
		}
		if part.got != part.want {
			return nil, &DigestError{Path: file, What: part.name, Got: part.got, Want: part.want}
		}
		c.Names = append(c.Names, part.name)
	}
	slices.Sort(c.Names) // capitals first
	return c, nil
}
