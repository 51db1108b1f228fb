/**
 * What of MediaWiki 1.43 touches nothing but the wiki's own tables and files, and the sessions of whoever asks. What a later
 * release brings is in neither this list nor the hub's until somebody has looked at it.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const rightsOfOneWiki = words(`
  apihighlimits applychangetags autoconfirmed autopatrol bigdelete block blockemail bot browsearchive
  changetags createpage createtalk delete delete-redirect deletechangetags deletedhistory deletedtext
  deletelogentry deleterevision edit editcontentmodel editinterface editprotected editmyoptions
  editmyusercss editmyuserjson editmywatchlist editsemiprotected editsitecss editsitejson editusercss
  edituserjson import importupload ipblock-exempt logentryimport managechangetags markbotedits mergehistory
  minoredit move movefile move-categorypages move-rootuserpages move-subpages nominornewtalk noratelimit
  override-export-depth pagelang patrol patrolmarks protect read reupload reupload-own reupload-shared
  rollback sendemail suppressredirect unblockself undelete unwatchedpages upload upload_by_url
  viewmywatchlist
`)

/** `Preferences` writes the account's own rows of the shared `user_properties`; `Userrights` asks for the groups that it may give. */
export const pagesOfOneWiki = words(`
  BrokenRedirects Deadendpages DoubleRedirects Longpages Ancientpages Lonelypages Fewestrevisions
  Withoutinterwiki Protectedpages Protectedtitles Shortpages Uncategorizedcategories Uncategorizedimages
  Uncategorizedpages Uncategorizedtemplates Unusedcategories Unusedimages Unusedtemplates Unwatchedpages
  Wantedcategories Wantedfiles Wantedpages Wantedtemplates Allpages Prefixindex Categories Listredirects
  PagesWithProp TrackingCategories Userlogin Userlogout AuthenticationPopupSuccess Activeusers Block Unblock
  BlockList AutoblockList BotPasswords DeletedContributions Preferences Contributions Listgrouprights
  Listgrants Listusers Listadmins Listbots Userrights EditWatchlist PasswordPolicies Newimages Log Watchlist
  Newpages Recentchanges Recentchangeslinked Tags Listfiles Filepath MediaStatistics MIMEsearch
  FileDuplicateSearch Upload UploadStash ListDuplicatedFiles ApiSandbox Statistics Allmessages Version
  Lockdb Unlockdb NamespaceInfo LinkSearch Randompage RandomInCategory Randomredirect Randomrootpage
  GoToInterwiki Mostlinkedcategories Mostimages Mostinterwikis Mostlinked Mostlinkedtemplates Mostcategories
  Mostrevisions ComparePages Export Import Undelete Whatlinkshere MergeHistory ExpandTemplates
  ChangeContentModel Booksources ApiHelp Blankpage DeletePage Diff EditPage EditTags Emailuser Movepage
  Mycontributions MyLanguage Mylog Mypage Mytalk PageHistory PageInfo ProtectPage Purge Myuploads
  AllMyUploads NewSection PermanentLink Redirect Revisiondelete RunJobs Specialpages PageData Contribute
  TalkPage Search
`)

/** `options` as `Preferences`; `login` and `clientlogin` compare a password of the hub, and set none. */
export const modulesOfOneWiki = words(`
  acquiretempusername block changecontentmodel checktoken clearhasmsg clientlogin compare delete edit
  emailuser expandtemplates feedcontributions feedrecentchanges feedwatchlist filerevert help imagerotate
  import login logout managetags mergehistory move opensearch options paraminfo parse patrol protect purge
  query revisiondelete rollback rsd setnotificationtimestamp setpagelanguage tag unblock undelete upload
  userrights validatepassword watch cspreport stashedit
`)
