package portageq

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
)

// source is where packages of a type are: ebuild, binary or installed.
func (c *call) source(kind string) (ebuild.Source, *session.Root, error) {
	root, err := c.target()
	if err != nil {
		return nil, nil, err
	}
	switch kind {
	case "ebuild":
		return c.session.Repos, root, nil
	case "binary":
		return root.Binaries, root, nil
	default:
		return root.Installed, root, nil
	}
}

func isType(word string) bool {
	return slices.Contains([]string{"ebuild", "binary", "installed"}, word)
}

// bestVisible answers with the best version of an atom that may be chosen.
func bestVisible(_ context.Context, c *call) error {
	kind, word := "ebuild", c.args[0]
	if len(c.args) > 1 {
		kind, word = c.args[0], c.args[1]
	}
	if !isType(kind) {
		return failed(statusFew, "Unrecognized package type: '%s'", kind)
	}
	name, err := c.bestVisible(kind, word)
	if err != nil {
		return c.invalid(err, statusFew)
	}
	if c.json {
		err = Matches.Write(c.env.Out, &matchesDoc{Matches: []matchDoc{{word, some(name)}}})
	} else {
		err = c.lines(name)
	}
	if err == nil && name == "" {
		return no()
	}
	return err
}

// massBestVisible is bestVisible for several atoms. One that cannot be read is told
// and hides no other.
func massBestVisible(_ context.Context, c *call) error {
	kind, words := "ebuild", c.args
	if isType(words[0]) {
		kind, words = words[0], words[1:]
	}
	doc := &matchesDoc{Matches: []matchDoc{}}
	var told error
	for _, word := range words {
		name, err := c.bestVisible(kind, word)
		var bad *invalidError
		switch {
		case errors.As(err, &bad):
			c.warn("%v", err)
			told = &cli.FailedError{Status: statusFew}
		case err != nil:
			return err
		}
		doc.Matches = append(doc.Matches, matchDoc{word, some(name)})
		switch {
		case c.json:
		case err != nil:
			err = c.print(word + ":")
		default:
			err = c.lines(word + ":" + name)
		}
		if err != nil {
			return err
		}
	}
	if c.json {
		if err := Matches.Write(c.env.Out, doc); err != nil {
			return err
		}
	}
	return told
}

// bestVisible finds the best visible package of a type; empty: none.
func (c *call) bestVisible(kind, word string) (string, error) {
	r, err := parseRequest(word)
	if err != nil {
		return "", err
	}
	in, root, err := c.source(kind)
	if err != nil {
		return "", err
	}
	a, err := r.expand(in)
	if err != nil {
		return "", err
	}
	list, err := in.Packages(a.CP)
	if err != nil {
		return "", err
	}
	a = a.Unblocked()
	for _, p := range slices.Backward(list) {
		if a.Match(p.Candidate(root.Use.State(p))) && root.Judge.Verdict(p).Visible() {
			return p.CPV.String(), nil
		}
	}
	return "", nil
}

// allBestVisible lists the best visible version of each name.
func allBestVisible(_ context.Context, c *call) error {
	repos, root, err := c.source("ebuild")
	if err != nil {
		return err
	}
	cps, err := repos.CPs()
	if err != nil {
		return err
	}
	doc := &matchesDoc{Matches: []matchDoc{}}
	var lines []string
	for _, cp := range cps {
		list, err := repos.Packages(cp)
		if err != nil {
			return fmt.Errorf("%s: %w", cp, err)
		}
		for _, p := range slices.Backward(list) {
			if root.Judge.Verdict(p).Visible() {
				doc.Matches = append(doc.Matches, matchDoc{string(cp), []string{p.CPV.String()}})
				lines = append(lines, p.CPV.String())
				break
			}
		}
	}
	if c.json {
		return Matches.Write(c.env.Out, doc)
	}
	return c.lines(lines...)
}
