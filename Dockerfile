# The CPU program on Debian 12. Every RUN is a script or a line that works outside a container just as well.
#   docker build -t fgan .
#   docker run -v "$PWD:/data" -w /data --entrypoint fgan-first-picture fgan     letters and digits in about two minutes
#   docker run -v "$PWD:/data" -w /data fgan train config.ini
FROM debian:12 AS build
COPY . /src
WORKDIR /src
RUN scripts/build.sh release -DFGAN_TESTS=OFF
RUN cmake --install build/release --prefix /opt/fgan --strip

FROM debian:12
COPY scripts/fonts.sh /opt/fgan/share/fgan/fonts.sh
RUN apt-get update && apt-get install --yes --no-install-recommends \
      libdnnl2 libfmt9 libspdlog1.10 libinih1 libjpeg62-turbo libfreetype6 zlib1g libgomp1 libstdc++6 $(/opt/fgan/share/fgan/fonts.sh) && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/fgan /opt/fgan
ENV PATH=/opt/fgan/bin:$PATH
ENTRYPOINT ["/opt/fgan/bin/fgan"]
CMD ["--help"]
