// What the sinks package offers.
export {}
