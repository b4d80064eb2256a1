// Package fleet holds the proofs that need whole processes: several instances
// on one database, a primary that dies, a pooler between, a database that is
// gone for a while, a disk that is full, an upgrade under load. Its tests run
// the program as operators do (docs/operators.md).
package fleet
