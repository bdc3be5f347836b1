"""Tests of the five words, the receipt and the follow-up."""
