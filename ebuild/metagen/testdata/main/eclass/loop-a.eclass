inherit loop-b
