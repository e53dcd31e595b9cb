// What the control package offers.
export {}
