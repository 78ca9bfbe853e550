package main

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for pf, want := range map[string]string{
		"curl-8.9.1": "curl", "curl-8.9.1-r3": "curl", "gtk+-2.24.33-r3": "gtk+", "font-r-1": "font-r", "0-r3-1": "0-r3",
	} {
		if got := name(pf); got != want {
			t.Errorf("name(%q) = %q, want %q", pf, got, want)
		}
	}
}

func TestStubEntry(t *testing.T) {
	got := string(stubEntry([]byte("EAPI=8\nSLOT=0\n_eclasses_=a\tb\n_md5_=0\n")))
	if want := "EAPI=8\nSLOT=0\n_md5_="; !strings.HasPrefix(got, want) || strings.Contains(got, "_eclasses_") {
		t.Errorf("stubEntry = %q, want %q and a digest", got, want)
	}
}
