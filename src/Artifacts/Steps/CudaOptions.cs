using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Artifacts.Steps;

/// <summary>How cuDNN's algorithm for a convolution is chosen.</summary>
public enum ConvolutionSearch
{
    /// <summary>By its own rule: the same one at every run.</summary>
    Heuristic,

    /// <summary>By trying all of them: the fastest, which may be another one at the next run.</summary>
    Exhaustive,

    /// <summary>Always the same one, whatever the sizes.</summary>
    Default,
}

/// <summary>How a card of NVIDIA's computes (docs/gpu.md#options). A processor takes none of it.</summary>
public sealed record CudaOptions
{
    /// <summary>Whether products of 32-bit floats drop 13 bits of their factors, which is faster. Default: false. Changes the output.</summary>
    public bool Tf32 { get; init; }

    /// <summary>MiB of the card's memory that each open graph may take. Range: 64 to 1048576. Default: all.</summary>
    [Range(64, 1 << 20)]
    public int? MemoryLimit { get; init; }

    /// <summary>How the algorithms of convolutions are chosen. Default: heuristic. Changes the output.</summary>
    public ConvolutionSearch ConvolutionSearch { get; init; }

    /// <summary>What of it changes the bytes of an artifact and is not the default; null: nothing.</summary>
    internal JsonObject? Recipe
    {
        get
        {
            var recipe = new JsonObject();
            if (Tf32) recipe["tf32"] = true;
            if (ConvolutionSearch != ConvolutionSearch.Heuristic) recipe["convolutionSearch"] = ConfigurationBinder.NameOf(ConvolutionSearch);
            return recipe.Count > 0 ? recipe : null;
        }
    }
}
