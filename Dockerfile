# One image for every role: web by default, workers by `manage.py qcluster`.
FROM python:3.11-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir --only-binary :all: uv==0.13.9
WORKDIR /srv/actionsite
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
RUN .venv/bin/python manage.py collectstatic --noinput

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/actionsite --shell /usr/sbin/nologin actionsite
WORKDIR /srv/actionsite
COPY --from=build /srv/actionsite /srv/actionsite
ENV PATH=/srv/actionsite/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
# Exec form: signals reach the server, and it finishes what it has begun.
CMD ["uvicorn", "actionsite.asgi:application", "--host", "0.0.0.0", "--port", "8000"]
