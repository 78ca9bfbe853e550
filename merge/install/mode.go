package install

import (
	"fmt"
	"strconv"
	"strings"
)

// Bits of a file mode, as in stat(2).
const (
	bitSetuid = 0o4000
	bitSetgid = 0o2000
	bitSticky = 0o1000
	bitsAll   = 0o7777
)

// A mode is a change of permission bits in the words of chmod(1): octal digits or
// clauses such as "u=rwX,go-w".
type mode struct {
	octal   bool
	keepSet bool // octal with at most four digits: folders keep setuid and setgid
	bits    uint32
	clauses []clause
}

// A clause is one operation of a symbolic mode.
type clause struct {
	who  uint32 // mask of the bits that it touches; 0: everybody's, but for the umask
	op   byte   // + - =
	perm uint32 // bits set for all three classes
	copy byte   // u, g or o: the bits of that class; 0: none
	x    bool   // X: execution for folders and what somebody may execute
}

func parseMode(text string) (mode, error) {
	if text != "" && strings.Trim(text, "01234567") == "" {
		n, err := strconv.ParseUint(text, 8, 32)
		if err != nil || n > bitsAll {
			return mode{}, fmt.Errorf("invalid mode: %q", text)
		}
		return mode{octal: true, keepSet: len(text) < 5, bits: uint32(n)}, nil
	}
	var m mode
	for part := range strings.SplitSeq(text, ",") {
		cs, ok := parseClauses(part)
		if !ok {
			return mode{}, fmt.Errorf("invalid mode: %q", text)
		}
		m.clauses = append(m.clauses, cs...)
	}
	return m, nil
}

// parseClauses reads one part between commas: who, then operations.
func parseClauses(part string) ([]clause, bool) {
	who := uint32(0)
	i := 0
	for ; i < len(part) && strings.IndexByte("ugoa", part[i]) >= 0; i++ {
		who |= classBits(part[i])
	}
	if i == len(part) {
		return nil, false
	}
	var out []clause
	for i < len(part) {
		c := clause{who: who, op: part[i]}
		if strings.IndexByte("+-=", c.op) < 0 {
			return nil, false
		}
		end := i + 1
		for end < len(part) && strings.IndexByte("+-=", part[end]) < 0 {
			end++
		}
		if !c.permissions(part[i+1 : end]) {
			return nil, false
		}
		out = append(out, c)
		i = end
	}
	return out, true
}

// classBits gives the bits that belong to a class of users.
func classBits(who byte) uint32 {
	switch who {
	case 'u':
		return 0o700 | bitSetuid
	case 'g':
		return 0o070 | bitSetgid
	case 'o':
		return 0o007 | bitSticky
	}
	return bitsAll
}

func (c *clause) permissions(text string) bool {
	if len(text) == 1 && strings.IndexByte("ugo", text[0]) >= 0 {
		c.copy = text[0]
		return true
	}
	for _, r := range []byte(text) {
		switch r {
		case 'r':
			c.perm |= 0o444
		case 'w':
			c.perm |= 0o222
		case 'x':
			c.perm |= 0o111
		case 's':
			c.perm |= bitSetuid | bitSetgid
		case 't':
			c.perm |= bitSticky
		case 'X':
			c.x = true
		default:
			return false
		}
	}
	return true
}

// umask is that of phases; a symbolic mode without `who` respects it.
const umask = 0o022

// apply gives the mode of a file after the change.
func (m mode) apply(old uint32, isDir bool) uint32 {
	if m.octal {
		if isDir && m.keepSet {
			return m.bits | old&(bitSetuid|bitSetgid)
		}
		return m.bits
	}
	for _, c := range m.clauses {
		old = c.apply(old, isDir)
	}
	return old
}

func (c clause) apply(old uint32, isDir bool) uint32 {
	perm := c.perm
	switch c.copy {
	case 'u':
		perm = old >> 6 & 7 * 0o111
	case 'g':
		perm = old >> 3 & 7 * 0o111
	case 'o':
		perm = old & 7 * 0o111
	}
	if c.x && (isDir || old&0o111 != 0) {
		perm |= 0o111
	}
	who := c.who
	if who == 0 {
		who = bitsAll &^ umask
	}
	perm &= who
	switch c.op {
	case '+':
		return old | perm
	case '-':
		return old &^ perm
	}
	if isDir { // folders keep setuid and setgid unless they are named
		who &^= (bitSetuid | bitSetgid) &^ perm
	}
	return old&^who | perm
}
