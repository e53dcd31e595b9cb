#!/bin/sh
# Writes until somebody ends it.
exec cat /dev/zero
