-- Records the progress of a job: job, fence, progress.
if not held(ARGV[1], ARGV[2]) then return 0 end
call('HSET', PROGRESS, ARGV[1], ARGV[3])
return 1
