// Package vdb reads the database of installed packages, var/db/pkg.
package vdb
