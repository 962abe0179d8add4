# For a CPU-only torch: --build-arg TORCH_INDEX=<the CPU index of pytorch.org>. For NVIDIA GPUs:
# docker build --build-arg EXTRAS="[gpu]" .
FROM python:3.11-slim AS build
ARG EXTRAS=""
ARG CONSTRAINTS="-c constraints.txt"
ARG TORCH_INDEX=""
WORKDIR /src
RUN python -m venv /opt/xharness
ENV PATH="/opt/xharness/bin:$PATH"
COPY pyproject.toml constraints.txt README.md LICENSE ./
# Torch first and alone: the largest layer, and the one that changes least.
RUN pip install --no-cache-dir ${CONSTRAINTS} ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch
COPY harness harness
COPY tasks tasks
COPY submissions submissions
RUN pip install --no-cache-dir ${CONSTRAINTS} ".${EXTRAS}"
# The two builds of FAISS fill the same folder: the GPU's has to replace the processor's.
RUN case "$EXTRAS" in *gpu*) \
        pip uninstall --yes faiss-cpu && pip install --no-cache-dir --force-reinstall --no-deps faiss-gpu-cu12 ;; esac

FROM python:3.11-slim
RUN useradd --create-home xharness
COPY --from=build /opt/xharness /opt/xharness
ENV PATH="/opt/xharness/bin:$PATH" HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1
USER xharness
WORKDIR /home/xharness
ENTRYPOINT ["xharness"]
CMD ["--help"]
