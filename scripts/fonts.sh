#!/usr/bin/env bash
# Names packages of fonts, in Debian and Ubuntu alike, that `fgan data glyphs` makes a good data set of: 178 faces of 40 families, 6 MB.
echo fonts-liberation fonts-open-sans fonts-adf-{accanthis,baskervald,gillius,libris,romande,tribun,universalis} fonts-anonymous-pro \
  fonts-averia-serif-gwf fonts-cabin fonts-comfortaa fonts-crosextra-caladea fonts-dosis fonts-ebgaramond fonts-fanwood fonts-go fonts-jura \
  fonts-lobstertwo fonts-quicksand fonts-roboto-slab fonts-sil-gentium-basic fonts-yanone-kaffeesatz
