"""Words for rules and edges that a councillor reads."""

from __future__ import annotations

# the ledger's rules: what a small area must be to count
RULES = {
    "exact membership by the 2011 lookup": "it is on the partnership's list, which names small"
    " areas of 2011; the official lookup says what became of them",
    "best fit of wards": "its ward is on the partnership's list",
    "population share of output areas": "the list names its output areas: the share of its"
    " residents who live in them counts",
    "best fit by population-weighted centroid": "the centre of its residents' homes lies inside the"
    " boundary; it then counts whole, as most of them usually live inside (best fit by"
    " population-weighted centroid)",
    "population share": "some of its residents live inside the boundary: that share of it counts"
    " (population share)",
    "population share by live postcodes": "some of its postcodes lie inside the boundary: that"
    " share of it counts, for nothing else in hand tells where its people live",
    "area share": "some of its ground lies inside the boundary: that share of it counts (area"
    " share, the last resort)",
    "area share, for nothing tells where its people live": "some of its ground lies inside the"
    " boundary: that share of it counts, for nothing in hand tells where its people live",
}
GATHERED = {
    "authority": "it is in that authority",
    "place": "it is in the place",
    "adjoining": "it is one of a group that adjoin each other",
}
WAYS = {
    "declared": "as it is published",
    "50 m in": "its boundary 50 m further in",
    "50 m out": "its boundary 50 m further out",
    "best_fit": "each small area whole, where most of its residents live",
    "centroid": "each small area whole, where the centre of its residents lies",
    "population_share": "each small area by the share of its residents inside",
    "area_share": "each small area by the share of its ground inside",
}
RESIDENTS_BY = ("centroid", "population_share", "area_share")
MOVED = {
    "police_crime": "The police move each crime to the nearest of their map points, so that one"
    " near the edge may belong to the other side of it.",
    "stats19": "A collision stands where the police recorded it, to about 10 m, and many lie on the"
    " very road that is the boundary.",
    "price_paid": "A sale stands at the one point of its postcode, so that one near the edge may"
    " belong to the other side of it.",
}
