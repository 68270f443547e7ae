"""How fast: invented archives, one job by several methods, and the bars that ours must hold."""
