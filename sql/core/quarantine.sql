-- One row per row of a kept file that could not be read, with the reason: counted, never dropped in silence.
select source, file, row_number, fault
from stage.quarantine
order by source, file, row_number
