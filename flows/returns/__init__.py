"""What partners hand over: described, read, shared no further than they allow, and remembered.

``description`` is what may be said of a return; ``reading`` opens a kept one; ``sharing`` says who
may see which, and gives each sharing tier a job of its own; ``held`` writes what is not open;
``ledger`` remembers who gave what and where it was used; ``covering`` finds what need not be asked.
"""
