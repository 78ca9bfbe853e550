// Package emerge is the front that looks like Portage's emerge: it reads
// emerge's command line, opens what a run needs, asks the resolver, and shows
// the plan as text or as JSON.
//
// It holds emerge's whole option table in one place. What Portage has and this
// program has not yet is in the table all the same, and refused by name. It
// refuses to know how a plan is found or worded: that is resolver's business.
package emerge
