package planning

import (
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Satisfier returns what satisfies a dependency in the end; nil if nothing does.
func Satisfier(res *resolver.Result, n walk.Need) *universe.Pkg {
	return (&builder{res: res}).satisfier(n)
}

// ClassOfNeed is the class of a dependency, as plans name it.
func ClassOfNeed(n walk.Need) plan.Class { return classOfNeed(n) }
