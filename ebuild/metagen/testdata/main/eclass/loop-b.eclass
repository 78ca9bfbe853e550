inherit loop-a
