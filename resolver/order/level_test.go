package order_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
)

// TestLevelsLikePortage compares every combination of attributes. Bit i of a
// combination's index is attribute i; bit i of its value says that level i
// ignores it.
func TestLevelsLikePortage(t *testing.T) {
	data, err := os.ReadFile("testdata/levels.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Attributes []string
		Levels     []string
		Ignored    []uint
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Ignored) != 1<<len(file.Attributes) {
		t.Fatalf("%d combinations of %d attributes", len(file.Ignored), len(file.Attributes))
	}
	for combination, ignored := range file.Ignored {
		var p digraph.Priority
		for i, name := range file.Attributes {
			if combination>>i&1 != 0 {
				p |= parsePriority(t, name)
			}
		}
		for i, name := range file.Levels {
			l := order.Level(i)
			if l.String() != name {
				t.Fatalf("level %d is %v, want %s", i, l, name)
			}
			if got, want := l.Ignores(p), ignored>>i&1 != 0; got != want {
				t.Errorf("%v.Ignores(%v) = %v, want %v", l, p, got, want)
			}
		}
	}
}

func TestLevelsKeepBlockers(t *testing.T) {
	for l := order.LevelAll; l <= order.LevelUnsatHard; l++ {
		if l.Ignores(digraph.BlockerEdge) {
			t.Errorf("%v ignores a blocker edge", l)
		}
	}
}
