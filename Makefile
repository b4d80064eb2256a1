# For the hand: the same as go run ./cmd/dev, which is what CI runs.
.PHONY: help run test check bench generate
help run test check bench generate:
	@go run ./cmd/dev $@
