using LmmRec.Cli;

return await CommandLine.RunAsync(args);
