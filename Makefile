# Two commands: make demo, make test. The README gives the same steps without make.
# make test-readers opens what comes out in programs of others; make look takes pictures of it; make bench measures.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: demo test test-readers look bench lint clean

demo: $(VENV)/.installed
	$(BIN)/evidence refresh --place exampleshire --offline --data data/demo

test: $(VENV)/.tests-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/readers

test-readers: $(VENV)/.readers-installed
	$(BIN)/pytest -n 2 --dist loadfile -rs tests/readers

look: $(VENV)/.readers-installed demo
	$(BIN)/python tests/readers/look.py data/demo/latest build/look

# PostgreSQL too where it is installed (Debian: postgresql postgresql-15-postgis-3). The country takes an hour and 5 GB:
# python -m bench.run national
bench: $(VENV)/.tests-installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[test,bench]'
	for what in county real scale parts month refresh; do $(BIN)/python -m bench.run $$what --of county; done

lint: $(VENV)/.tests-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# uv installs in seconds what pip installs in minutes; pip alone does where uv cannot be had.
$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
	  && $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -c constraints.txt -e . \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.tests-installed: $(VENV)/.installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -c constraints.txt -e '.[test]' \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

$(VENV)/.readers-installed: $(VENV)/.tests-installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -c constraints.txt -e '.[test,readers]' \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,readers]'
	touch $@

clean:
	rm -rf $(VENV) data build *.egg-info .pytest_cache .ruff_cache .hypothesis
