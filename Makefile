# For the hand: the same as go run ./cmd/dev, which is what CI runs. More words
# go into ARGS: make bench ARGS=-short
.PHONY: help run test check bench generate
help run test check bench generate:
	@go run ./cmd/dev $@ $(ARGS)
