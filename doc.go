// Package unionhall is the house of Unionhall (职工之家): the system for the
// whole work of a trade-union committee of a city's organs. ARCHITECTURE.md
// says what stands where.
package unionhall

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate
