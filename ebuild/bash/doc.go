// Package bash runs bash for the code of ebuilds: it holds the library of
// commands that ebuilds may use, written in bash from PMS, and a pool of
// long-lived shells that speak a small protocol over descriptors of their own.
//
// The library is laid out by features of EAPIs as package eapi names them; see
// [Library]. The package refuses to know what an ebuild is asked: callers
// write requests in the language of the library and read what it answers.
package bash
