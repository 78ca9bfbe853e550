package glsacheck

import (
	"slices"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// Advisories is what --json prints.
var Advisories = answer.NewKind[advisories]("tumpline.advisories", "1.0.0", "security advisories, and what they mean for the system")

type advisories struct {
	answer.Head
	Advisories []advisoryForm `json:"advisories" jsonschema:"sorted by id"`
}

type advisoryForm struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Status   string    `json:"status" jsonschema:"affected, unaffected or applied"`
	Access   string    `json:"access" jsonschema:"remote, local or another word of the advisory"`
	Packages []string  `json:"packages" jsonschema:"names of the packages that it is about"`
	CVEs     []string  `json:"cves"`
	Updates  []upgrade `json:"updates" jsonschema:"vulnerable installed packages"`
}

type upgrade struct {
	From string  `json:"from" jsonschema:"installed package"`
	To   *string `json:"to" jsonschema:"what to upgrade to; null: there is nothing"`
}

// document writes the advisories as data. --test keeps those that affect the system,
// and its exit status.
func (r *run) document(ids []string) error {
	doc := &advisories{Advisories: []advisoryForm{}}
	for _, id := range slices.Sorted(slices.Values(ids)) {
		a := r.read(id)
		if a == nil {
			continue
		}
		s, err := r.status(a)
		if err != nil {
			return err
		}
		if r.mode == "test" {
			if vulnerable, err := r.system.Vulnerable(a.Advisory); err != nil || !vulnerable {
				continue
			}
		}
		form := advisoryForm{ID: id, Title: a.Title, Status: s.String(), Access: a.tree.first("access").stripped(), Packages: []string{}, CVEs: a.cves(), Updates: []upgrade{}}
		for _, name := range a.names() {
			form.Packages = append(form.Packages, string(name))
		}
		updates, err := r.system.Updates(a.Advisory, r.effort())
		if err != nil {
			return err
		}
		for _, u := range updates {
			up := upgrade{From: u.From.CPV.String()}
			if u.To != nil {
				to := u.To.CPV.String()
				up.To = &to
			}
			form.Updates = append(form.Updates, up)
		}
		doc.Advisories = append(doc.Advisories, form)
	}
	if err := Advisories.Write(r.env.Out, doc); err != nil {
		return err
	}
	if r.mode == "test" && len(doc.Advisories) > 0 {
		return &cli.FailedError{Status: statusAffected}
	}
	return nil
}
