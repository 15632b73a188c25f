-- ARGV[7]: the ID of the first entry.
return {epoch, last, page(ARGV[7])}
