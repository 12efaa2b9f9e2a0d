using System.CommandLine;
using LmmRec.Artifacts;

namespace LmmRec.Cli;

/// <summary>A configuration that a command writes for the user: a file that is there is never overwritten.</summary>
internal static class NewFile
{
    /// <summary>Where it is written.</summary>
    public static Option<string> Output(string file) =>
        new("--output", "-o") { Description = "The configuration to write.", HelpName = "FILE", DefaultValueFactory = _ => file };

    /// <summary>Refuses a name that is taken.</summary>
    /// <exception cref="InvalidInputException">Something is there.</exception>
    public static void Refuse(string output)
    {
        if (Path.Exists(output)) throw new InvalidInputException($"--output {output}: is there already and is never overwritten; name another file, or move it away");
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">Something is there, or the file cannot be written.</exception>
    public static async Task WriteAsync(string output, string text)
    {
        await using var file = new FileStream(output, FileMode.CreateNew);
        await using var writer = new StreamWriter(file);
        await writer.WriteAsync(text);
    }
}
