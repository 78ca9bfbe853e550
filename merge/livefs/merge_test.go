package livefs_test

import "strings"

func splitLines(s string) []string { return strings.Split(s, "\n") }
