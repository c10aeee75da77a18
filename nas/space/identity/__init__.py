"""Ids of architectures: equal if and only if the networks compute the same, by stated rules."""
