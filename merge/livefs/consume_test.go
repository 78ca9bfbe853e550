package livefs_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/merge/livefs"
)

// Files that are consumed are the same as files that are copied, and those of the
// image can go.
func TestConsume(t *testing.T) {
	trees := make(map[livefs.Use]string)
	for _, use := range []livefs.Use{livefs.Keep, livefs.Consume} {
		top := scratch(t)
		root := filepath.Join(top, "root")
		base(t, root)
		for _, p := range []pkg{first, second, again} {
			image, entry := p.make(t, top)
			image.Use = use
			if _, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, options()); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(image.Dir); err != nil {
				t.Fatal(err)
			}
		}
		trees[use] = show(t, root)
	}
	if trees[livefs.Keep] != trees[livefs.Consume] {
		t.Errorf("copied:\n%s\nconsumed:\n%s", trees[livefs.Keep], trees[livefs.Consume])
	}
}

// A merge that fails leaves the image as it was.
func TestConsumeAndFail(t *testing.T) {
	top := scratch(t)
	root := filepath.Join(top, "root")
	base(t, root)
	image, entry := first.make(t, top)
	image.Use = livefs.Consume
	before := show(t, image.Dir)
	o := options()
	o.Scripts = func(_ context.Context, c livefs.Call) error {
		if c.Phase == livefs.Preinst {
			return errors.New("no")
		}
		return nil
	}
	if _, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, o); err == nil {
		t.Fatal("a failing pkg_preinst does not stop the merge")
	}
	if after := show(t, image.Dir); after != before {
		t.Errorf("the image was\n%s\nand is\n%s", before, after)
	}
}
