# xharness on processors or NVIDIA GPUs; docs/container.md says how to build, run and check it.
#   docker build --build-arg TORCH_INDEX=<PyTorch's index of CPU builds> -t xharness .
#   docker build --build-arg DEVICE=gpu -t xharness:gpu .
FROM python:3.11-slim AS build
# cpu or gpu: which build of torch, by far the largest part of the image.
ARG DEVICE=cpu
# A further index for torch alone. PyPI has no CPU build for x86-64, so cpu wants one unless pip is set up to find it.
ARG TORCH_INDEX=""
# pip's own settings, for those who install from a mirror.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_FIND_LINKS
# The tested set of versions holds for every install, and for what seqeval's and our own wheel are built with; an old pip
# would build seqeval without isolation, which fails.
ENV PATH="/opt/xharness/bin:$PATH" \
    PIP_CONSTRAINT=/src/constraints.txt \
    PIP_BUILD_CONSTRAINT=/src/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_USE_PEP517=1
WORKDIR /src
RUN python -m venv /opt/xharness

# Torch alone: the layer that changes least. "+cpu" is a build that only an index of CPU builds has: where there is none,
# pip stops at once, rather than after gigabytes of CUDA.
COPY constraints.txt ./
RUN version="$(sed -n 's/^torch==//p' constraints.txt)"; \
    case "$DEVICE" in \
        cpu) echo "torch==${version}+cpu" ;; \
        gpu) echo "torch==${version}" ;; \
        *) echo "DEVICE is cpu or gpu, not $DEVICE" >&2; exit 2 ;; \
    esac > torch.txt; \
    pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --requirement torch.txt || { \
        echo "no such build of torch in reach: give --build-arg TORCH_INDEX=..., see docs/container.md" >&2; exit 1; }; \
    test "$DEVICE" = cpu || python -c 'import torch; assert torch.version.cuda, "this build of torch has no CUDA"'

# The other dependencies, before any source: an edit of the code rebuilds only what follows.
COPY pyproject.toml ./
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
        > requirements.txt \
    && pip install --requirement requirements.txt

COPY README.md LICENSE ./
COPY harness harness
COPY tasks tasks
COPY submissions submissions
RUN pip install --no-deps . && pip check

FROM python:3.11-slim
LABEL org.opencontainers.image.title="xharness" \
      org.opencontainers.image.description="The benchmark harness for cross-lingual NLP: every XTREME task scored as the official scorer does, with error bars" \
      org.opencontainers.image.licenses="Apache-2.0"
# Offline unless told otherwise. /data: the benchmark's files; /models: fetched models; /runs: where commands start.
ENV PATH="/opt/xharness/bin:$PATH" \
    HF_HOME=/models \
    HF_HUB_OFFLINE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONUNBUFFERED=1 \
    XHARNESS_CACHE=/data/.cache
RUN useradd --uid 1000 --user-group --create-home xharness \
    && install --directory --owner=1000 --group=1000 /data /models /runs
COPY --from=build /opt/xharness /opt/xharness
USER 1000:1000
WORKDIR /runs
ENTRYPOINT ["xharness"]
CMD ["--help"]
