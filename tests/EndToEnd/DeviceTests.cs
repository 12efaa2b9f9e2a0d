using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LmmRec.EndToEnd;

/// <summary>A device that cannot be used: a build without CUDA, and the CUDA build on a machine without its libraries or without a card.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_build_for_processors_says_how_one_for_cards_is_made()
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, "run", "--device", "cuda", "--set", "train.epochs=1")).Expect(4);
        Assert.Equal(
            "device 'cuda' was asked for, and this build computes on processors only: build with -p:Accelerator=cuda "
            + "(it takes the package Microsoft.ML.OnnxRuntime.Gpu.Linux), or ask for the device cpu", ended.Error.TrimEnd());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task The_build_for_cards_names_the_libraries_that_are_missing_and_the_runtime_adds_nothing()
    {
        var build = CudaBuild();
        if (NativeLibrary.TryLoad("libcudart.so.13", out _)) Assert.Skip("the libraries of CUDA 13 are here");
        var ended = (await Lmmrec.RunBuildAsync(build, _folder.Path, [], "run", "--device", "cuda:1")).Expect(4);
        Assert.Equal(
            "device 'cuda:1' cannot be used; not found: libcudart.so.13, libcublas.so.13, libcublasLt.so.13, libcurand.so.10, libcufft.so.12, libcudnn.so.9; "
            + "install CUDA 13 and cuDNN 9, or name the folders of these libraries in LD_LIBRARY_PATH, or ask for the device cpu", ended.Error.TrimEnd());
    }

    [Theory]
    [InlineData("", "the libraries of CUDA 13 and cuDNN 9 are there, and no such card answers: CUDA failure 100: no card here; 'nvidia-smi -L' lists the cards, or ask for the device cpu")]
    [InlineData("libcudnn.so.9", "not found: libcudnn.so.9; install CUDA 13 and cuDNN 9, or name the folders of these libraries in LD_LIBRARY_PATH, or ask for the device cpu")]
    [InlineData("libcuda.so.1", "not found: libcuda.so.1; install the driver of NVIDIA's card, or ask for the device cpu")]
    public async Task The_build_for_cards_tells_a_missing_library_from_a_missing_card(string missing, string what)
    {
        var build = CudaBuild();
        if (NativeLibrary.TryLoad("libcudart.so.13", out _)) Assert.Skip("the libraries of CUDA 13 are here");
        StandIns(Path.Combine(build, "libonnxruntime_providers_cuda.so"));
        File.Delete(_folder.PathOf(missing.Length > 0 ? missing : "none"));
        var ended = (await Lmmrec.RunBuildAsync(build, _folder.Path, [$"LD_LIBRARY_PATH={_folder.Path}"],
            "featurize", "--device", "cuda", "--set", "cuda.tf32=true", "--set", "cuda.memoryLimit=512", "--set", "cuda.convolutionSearch=exhaustive")).Expect(4);
        Assert.Equal($"device 'cuda' cannot be used; {what}", ended.Error.TrimEnd());
    }

    [Theory]
    [InlineData("--set cuda.tf32=true", "cuda: is not used: only a card computes so, and --device is cpu")]
    [InlineData("--device cuda --set cuda.convolutionSearch=fast", "cuda.convolutionSearch: unknown value 'fast'")]
    [InlineData("--device cuda --set cuda.memoryLimit=1", "cuda.memoryLimit: 1 is out of range; allowed 64 to 1048576")]
    public async Task What_a_card_is_told_must_be_known_and_of_use(string arguments, string message)
    {
        var ended = (await Lmmrec.RunAsync(_folder.Path, ["run", .. arguments.Split(' ')])).Expect(2);
        Assert.Contains(message, ended.Error, StringComparison.Ordinal);
    }

    // Made by .ci/run, beside the build for processors.
    private static string CudaBuild()
    {
        var build = Path.Combine(Beside.Checkout, ".build", "cuda", "bin", "Cli", "release");
        if (!File.Exists(Path.Combine(build, "lmmrec.dll"))) Assert.Skip($"the build for cards is not here: dotnet build -c Release src/Cli -p:Accelerator=cuda -p:ArtifactsPath={Beside.Checkout}/.build/cuda");
        return build;
    }

    // Libraries with all that the provider takes from CUDA, none of which finds a card.
    private void StandIns(string provider)
    {
        var functions = Run("nm", "-D", "--undefined-only", provider).Split('\n').Select(line => line.Split(' ')[^1].Split('@'))
            .Where(symbol => symbol is [_, ['l', 'i', 'b', 'c', 'u', ..]]).ToLookup(symbol => symbol[1], symbol => symbol[0]);
        foreach (var library in functions.Select(group => group.Key).Union(["libcurand.so.10", "libcufft.so.12", "libcudnn.so.9", "libcuda.so.1"]))
        {
            File.WriteAllLines(_folder.PathOf("source.c"), functions[library].Append("cuTensorMapEncodeTiled")
                .Select(name => name.EndsWith("GetErrorString", StringComparison.Ordinal) ? $"const char *{name}() {{ return \"no card here\"; }}" : $"int {name}() {{ return 100; }}"));
            File.WriteAllText(_folder.PathOf("versions"), $"{library} {{ global: *; }};");
            Run("gcc", "-w", "-shared", "-fPIC", "-o", _folder.PathOf(library), _folder.PathOf("source.c"), $"-Wl,-soname,{library}", $"-Wl,--version-script={_folder.PathOf("versions")}");
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            using var guard = new ProcessGuard(process);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not here, so no stand-ins of CUDA's libraries can be made");
            throw;
        }
    }
}
