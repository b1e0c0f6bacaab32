import { defineCommand } from "../cli/command.ts";
import { exportForSupabase } from "./supabase.ts";

export default defineCommand<[], { supabase: string }>({
  description:
    "Writes the migrations as files of a Supabase project (supabase/migrations/…_adsapp_….sql), for supabase db push. Each notes for\nadsapp that it has run, so that adsapp migrate status and every command know. After an update of adsapp: export again, which adds\nwhat is new, and push.",
  examples: [
    "adsapp migrate export --supabase .",
    "adsapp migrate export --supabase ./shop && (cd shop && supabase db push)",
  ],
  scope: "none",
  declare(command) {
    command.requiredOption("--supabase <folder>", "the project: the folder that holds supabase/");
  },
  async run(context, { supabase }) {
    const files = exportForSupabase(supabase, context.now ?? new Date());
    await context.out.list(files, [{ key: "file" }, { key: "written" }]);
    if (!files.some(({ written }) => written)) context.out.say("All of them were there.");
  },
});
