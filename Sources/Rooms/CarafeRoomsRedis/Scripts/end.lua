return last .. '-' .. epoch
