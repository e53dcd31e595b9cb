#!/bin/sh
# Reads and writes nothing and does not end by itself.
exec sleep 600
