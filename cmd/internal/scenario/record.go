package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A record is what Portage did.
type record struct {
	Wanted  []string
	Pretend []string
	Build   struct {
		Order  []string `json:"emerging_order"`
		VDB    []string
		World  []string
		Passwd string `json:"etc_passwd"`
		Group  string `json:"etc_group"`
	}
	Image struct {
		Merges []string
		VDB    []string
		Files  []string
		Passwd string `json:"etc_passwd"`
		Group  string `json:"etc_group"`
	}
	Unmerge struct {
		Lines []string
		Left  []string `json:"left_matching_lzo"`
	}
	UsePkg struct{ Merges []string }
	Times  map[string]struct{ Wall, User, Sys float64 }

	packages map[string]*recorded
	index    string // the file Packages
}

// A recorded package is what Portage installed of it.
type recorded struct {
	CPV       string
	Files     []string          `json:"vdb_files"`
	Fields    map[string]string `json:"vdb"`
	Contents  []string          `json:"contents_sorted"`
	Installed []installed
	BinPkg    struct {
		XPak []string   `json:"xpak_members"`
		Tar  [][]string `json:"tar_members"`
	}
}

// An installed file, as it was on disk.
type installed struct {
	Path, Type, Mode, Target string
	UID, GID                 uint32
	ELF                      *elfKind
}

type elfKind struct {
	Class   int
	Type    string
	Machine string
}

// readRecord reads a record.
func readRecord(dir string) (*record, error) {
	r := &record{packages: make(map[string]*recorded)}
	if err := readJSON(filepath.Join(dir, "scenario/scenario.json"), r); err != nil {
		return nil, err
	}
	for _, cpv := range r.Build.VDB {
		p := &recorded{}
		if err := readJSON(filepath.Join(dir, "arm64-usr", strings.ReplaceAll(cpv, "/", "_")+".json"), p); err != nil {
			return nil, err
		}
		r.packages[cpv] = p
	}
	text, err := os.ReadFile(filepath.Join(dir, "scenario/2-Packages.txt"))
	r.index = string(text)
	return r, err
}

func readJSON(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// distfiles lists the tarballs of the packages that are built.
func distfiles(dir string, cpvs []string) ([]string, error) {
	var rows []struct{ CPV, Distfile string }
	if err := readJSON(filepath.Join(dir, "distfiles.json"), &rows); err != nil {
		return nil, err
	}
	wanted := make(map[string]bool)
	for _, cpv := range cpvs {
		wanted[cpv] = true
	}
	var out []string
	for _, row := range rows {
		if wanted[row.CPV] {
			out = append(out, row.Distfile)
		}
	}
	return out, nil
}
